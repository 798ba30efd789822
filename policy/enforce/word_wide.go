//go:build amd64 || arm64 || riscv64

package enforce

func setSec(v uint64) int64 { return int64(v) }
