export { Objm } from "@nats-io/obj";
