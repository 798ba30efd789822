//go:build linux && (386 || amd64 || arm || arm64 || riscv64)

package startlimit

// nofile is read before the syscall package changes the limit, and not changed.
var nofile = read()

// rlimit is struct rlimit64, linux/resource.h.
type rlimit struct{ cur, max uint64 }

// prlimit is prlimit64(0, RLIMIT_NOFILE, nil, old); it gives false on an error.
//
//go:noescape
func prlimit(old *rlimit) bool

func read() rlimit {
	var lim rlimit
	if !prlimit(&lim) {
		return rlimit{}
	}
	return lim
}

// Nofile gives the soft and hard RLIMIT_NOFILE at the start of this process.
func Nofile() (cur, max uint64, ok bool) {
	return nofile.cur, nofile.max, nofile.max != 0
}
