// Stands in, in the bundle, for what libraries load and the program does not use: see tsup.config.ts.
module.exports = {};
