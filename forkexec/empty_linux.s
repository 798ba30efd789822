// Here so that the compiler accepts functions declared without a body, the
// runtime's hooks, on every architecture.
