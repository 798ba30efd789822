package enforce

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"golang.org/x/sys/unix"
)

// What random calls and rules are made of.
var (
	madeNames = []string{
		"a/f1", "a/f2", "b/f1", "b/f2", "a/d/f1", "b/d/f1", "a/up/f1", "b/up/f2", "a/far/f1", "a/l", "b/l", "a/new", "b/new",
		"a/d/new", "b/d/new", "a/up/new", "a/far/new", "a/./f1", "a/../b/f2", "b/d/../f1", "a/none", "a/f1/x", "nowhere/x",
		"a", "b/d", "a/up", "a/up/", "a/f1/", "", "f1", "new", "d/f1", "../b/f1", "up/f1",
	}
	// These go away; links and directories do not, whose ways Decide must know.
	madeGone   = []string{"a/f1", "a/f2", "b/f1", "b/f2", "a/d/f1", "a/up/f1", "b/up/f2", "a/far/f1", "a/new", "b/new", "a/d/new", "a/up/new", "a/../b/f2", "f2", "new"}
	madeFresh  = []string{"a/new", "b/new", "a/d/new", "b/d/new", "a/up/new", "a/far/new", "new", "a/f1", "b/f2", "nowhere/x"}
	madeDirFDs = []int64{unix.AT_FDCWD, unix.AT_FDCWD, 3, 4, 5, 99}
	madeFlags  = []uint64{
		unix.O_RDONLY, unix.O_WRONLY, unix.O_RDWR, unix.O_RDWR | unix.O_CREAT, unix.O_WRONLY | unix.O_CREAT | unix.O_EXCL,
		unix.O_RDONLY | unix.O_TRUNC, unix.O_RDONLY | unix.O_NOFOLLOW, unix.O_DIRECTORY, unix.O_WRONLY | unix.O_APPEND, unix.O_PATH,
		unix.O_RDONLY | unix.O_CREAT, unix.O_CREAT | unix.O_NOFOLLOW | unix.O_RDWR,
	}
	madePatterns = []string{
		"${CWD}/**", "${CWD}/a/**", "${CWD}/b/**", "${CWD}/a/*", "${CWD}/b/d/*", "${CWD}/*/f1", "${CWD}/**/new", "${CWD}/{a,b}/f?",
		"${CWD}/a/f1", "${CWD}/b/f1", "${CWD}/b", "${CWD}/a/l", "${CWD}/a/d/**", "${CWD}/**/d/**", "${CWD}/nowhere/**", "${CWD}/[ab]/f2",
	}
	madeEffects = []string{"fs.read", "fs.stat", "fs.write", "fs.create", "fs.delete", "fs.meta", "fs.*"}
)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// generate makes a policy and a list of calls.
func (a *agreement) generate() {
	var b strings.Builder
	b.WriteString("version: 1\ninclude: [std/runtime]\n")
	if a.rng.IntN(2) == 0 {
		fmt.Fprintf(&b, "default: deny(%s)\n", unix.ErrnoName(deniedErrno))
	} else {
		b.WriteString("default: allow\n")
	}
	b.WriteString("profiles:\n  main:\n")
	for range 1 + a.rng.IntN(7) {
		fmt.Fprintf(&b, "    - '%s'\n", a.rule())
	}
	if a.rng.IntN(3) == 0 { // which differs, so that the filter cannot decide alone
		b.WriteString("    - 'allow exec /nowhere/program -> other'\n  other:\n")
		for range 1 + a.rng.IntN(4) {
			fmt.Fprintf(&b, "    - '%s'\n", a.rule())
		}
	}
	a.policy = b.String()
	for range 60 {
		a.calls = append(a.calls, a.call())
	}
}

// rule makes one rule.
func (a *agreement) rule() string {
	r := a.rng
	action := fmt.Sprintf("deny(%s)", unix.ErrnoName(deniedErrno))
	switch n := r.IntN(20); {
	case n < 8:
		action = "allow"
	case n < 10:
		action = fmt.Sprintf("return(%d)", returned)
	case n == 10:
		action = "kill"
	case n == 11:
		action = "log"
	}
	if r.IntN(3) > 0 {
		words := []string{action, pick(r, madeEffects)}
		for range 1 + r.IntN(3) {
			words = append(words, pick(r, madePatterns))
		}
		return strings.Join(words, " ")
	}
	return action + " " + pick(r, []string{
		"openat where flags has O_CREAT", "openat open where flags & O_ACCMODE == O_WRONLY", "openat where mode == 0600", "mkdir mkdirat",
		"unlinkat where flags has AT_REMOVEDIR", "chmod fchmodat where mode & 0111", "fchmod", "rename renameat renameat2",
		"truncate where length > 3", "access faccessat", "newfstatat where flags has AT_SYMLINK_NOFOLLOW", "getppid", "getpriority",
		"openat where dirfd == 3", "openat where path ~ \"**/f1\"", "linkat symlinkat", "kill where sig == 0", "getsid where pid == 1",
		"umask", "dup where oldfd == 3", "lseek where whence == SEEK_END", "prctl where op == PR_GET_DUMPABLE",
	})
}

// call makes one call.
func (a *agreement) call() madeCall {
	r := a.rng
	str := func(from []string) madeArg { return madeArg{kind: 's', text: pick(r, from)} }
	num := func(n uint64) madeArg { return madeArg{kind: 'i', num: n} }
	dirfd := func() madeArg { return num(uint64(pick(r, madeDirFDs))) }
	mode := func() madeArg { return num(pick(r, []uint64{0o644, 0o600, 0o755, 0o700})) }
	room := madeArg{kind: 'b'}
	switch r.IntN(24) {
	case 0, 1, 2, 3:
		return madeCall{"openat", []madeArg{dirfd(), str(madeNames), num(pick(r, madeFlags)), mode()}}
	case 4:
		how := madeArg{kind: 't', mem: []uint64{pick(r, madeFlags) &^ unix.O_PATH, 0, pick(r, []uint64{0, unix.RESOLVE_NO_SYMLINKS, unix.RESOLVE_BENEATH})}}
		if how.mem[0]&unix.O_CREAT != 0 {
			how.mem[1] = 0o644
		}
		return madeCall{"openat2", []madeArg{dirfd(), str(madeNames), how, num(24)}}
	case 5:
		return madeCall{"mkdirat", []madeArg{dirfd(), str(madeFresh), mode()}}
	case 6, 7:
		return madeCall{"unlinkat", []madeArg{dirfd(), str(madeGone), num(pick(r, []uint64{0, 0, unix.AT_REMOVEDIR}))}}
	case 8:
		return madeCall{"renameat2", []madeArg{dirfd(), str(madeGone), dirfd(), str(madeFresh), num(pick(r, []uint64{0, unix.RENAME_NOREPLACE}))}}
	case 9:
		return madeCall{"linkat", []madeArg{dirfd(), str(madeNames[:9]), dirfd(), str(madeFresh), num(pick(r, []uint64{0, unix.AT_SYMLINK_FOLLOW}))}}
	case 10:
		return madeCall{"fchmodat", []madeArg{dirfd(), str(madeNames), mode()}}
	case 11:
		return madeCall{"fchmod", []madeArg{num(pick(r, []uint64{3, 5, 99})), mode()}}
	case 12:
		return madeCall{"truncate", []madeArg{str(madeNames), num(pick(r, []uint64{0, 3, 10}))}}
	case 13:
		return madeCall{"faccessat", []madeArg{dirfd(), str(madeNames), num(pick(r, []uint64{unix.F_OK, unix.R_OK, unix.W_OK}))}}
	case 14, 15:
		return madeCall{"newfstatat", []madeArg{dirfd(), str(madeNames), room, num(pick(r, []uint64{0, unix.AT_SYMLINK_NOFOLLOW, unix.AT_EMPTY_PATH}))}}
	case 16:
		return madeCall{"readlinkat", []madeArg{dirfd(), str(madeNames), room, num(100)}}
	case 17:
		return madeCall{"utimensat", []madeArg{dirfd(), str(madeNames), num(0), num(pick(r, []uint64{0, unix.AT_SYMLINK_NOFOLLOW}))}}
	case 18:
		return madeCall{"fchownat", []madeArg{dirfd(), str(madeNames), num(1<<32 - 1), num(1<<32 - 1), num(pick(r, []uint64{0, unix.AT_SYMLINK_NOFOLLOW}))}}
	case 19:
		return madeCall{"mknodat", []madeArg{dirfd(), str(madeFresh), num(unix.S_IFREG | 0o600), num(0)}}
	case 20:
		return madeCall{"kill", []madeArg{num(1<<32 - 5), num(0)}}
	case 21:
		return madeCall{"dup", []madeArg{num(pick(r, []uint64{3, 5, 99}))}}
	case 22:
		return madeCall{"lseek", []madeArg{num(5), num(0), num(pick(r, []uint64{unix.SEEK_SET, unix.SEEK_END}))}}
	}
	return madeCall{pick(r, []string{"getpriority", "umask"}), []madeArg{num(0), num(0)}}
}
