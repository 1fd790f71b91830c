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
