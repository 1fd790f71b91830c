export { findNatsExchange, openNatsExchange, type NatsExchange } from "./nats/nats-exchange.ts";
export type { NatsAuth, NatsPlace, NatsTls } from "./nats/nats-place.ts";
