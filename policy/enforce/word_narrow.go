//go:build 386 || arm

package enforce

func setSec(v uint64) int32 { return int32(v) }
