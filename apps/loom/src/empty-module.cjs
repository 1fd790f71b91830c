// Stands in for Ink's developer tools in the bundle: they are for people who debug components.
module.exports = {};
