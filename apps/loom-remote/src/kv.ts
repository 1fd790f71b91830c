export { Kvm } from "@nats-io/kv";
