export { RemoteCarrier, type RemotePlace } from "./remote-carrier.ts";
export { serveJob, type WorkerHost } from "./serve-job.ts";
export { subjectsOf, type Happening, type JobSubjects, type Order, type TravellingJob } from "./messages.ts";
