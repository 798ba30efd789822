package forkexec

import (
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// needMountSetattr skips what binds with attributes are for.
func needMountSetattr(t *testing.T) {
	t.Helper()
	if err := unix.MountSetattr(-1, "", unix.AT_EMPTY_PATH, &unix.MountAttr{}); err == unix.ENOSYS {
		t.Skip("read-only binds need mount_setattr, Linux 5.12")
	}
}

// TestTooOld: an older kernel, here played by a filter, and the version that would do.
func TestTooOld(t *testing.T) {
	needUserNS(t)
	for nr, want := range map[uint32]string{
		unix.SYS_MOUNT_SETATTR: "(it needs Linux 5.12)",
		unix.SYS_OPEN_TREE:     "(it needs Linux 5.2)",
		unix.SYS_OPENAT2:       "(it needs Linux 5.6)",

		unix.SYS_LANDLOCK_CREATE_RULESET: "(it needs Linux 5.13)",
	} {
		done := make(chan error)
		go func() {
			runtime.LockOSThread() // the thread, which has the filter, ends with this function
			filter := []unix.SockFilter{
				{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS},
				{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: nr},
				{Code: unix.BPF_RET, K: unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)},
				{Code: unix.BPF_RET, K: unix.SECCOMP_RET_ALLOW},
			}
			prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
			if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
				done <- err
				return
			}
			if err := unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&prog)), 0, 0); err != nil {
				done <- err
				return
			}
			root := Mount{Type: "bind", Source: "/", Target: "/"}
			if nr == unix.SYS_MOUNT_SETATTR {
				root.Attr = unix.MOUNT_ATTR_RDONLY
			}
			_, err := Start(&Cmd{
				Path: "/bin/true", Namespaces: unix.CLONE_NEWUSER | unix.CLONE_NEWNS,
				Mounts:   []Mount{root, {Type: "tmpfs", Target: "/tmp"}},
				Landlock: &Landlock{HandledFS: unix.LANDLOCK_ACCESS_FS_MAKE_DIR}, NoNewPrivs: true,
			})
			done <- err
		}()
		if err := <-done; err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("system call %d: %v, want ... %s", nr, err, want)
		}
	}
}
