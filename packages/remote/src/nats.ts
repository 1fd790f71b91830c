export { openNatsLog, type NatsLog, type NatsPlace } from "./nats/nats-log.ts";
