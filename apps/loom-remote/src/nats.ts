export {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  jetstream,
  jetstreamManager,
} from "@nats-io/jetstream";
export { Kvm } from "@nats-io/kv";
export { Objm } from "@nats-io/obj";
export {
  AuthorizationError,
  PermissionViolationError,
  TimeoutError,
  UserAuthenticationExpiredError,
  connect,
  createInbox,
  credsAuthenticator,
  headers,
  millis,
  nanos,
} from "@nats-io/transport-node";
