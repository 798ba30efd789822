package syscalls

//go:generate go run strait/internal/cmd/sysgen gen
