package forkexec

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func prctl(option, arg2, arg3 uintptr) syscall.Errno {
	_, err := rawCall(unix.SYS_PRCTL, option, arg2, arg3, 0, 0, 0)
	return err
}

// setCaps has the steps of capabilities. The bounding set comes before the
// user changes, since that takes CAP_SETPCAP along; the others come after it.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func setCaps(c *childConfig, step Step) syscall.Errno {
	switch {
	case step == StepSecurebits && c.securebits != 0:
		return prctl(unix.PR_SET_SECUREBITS, c.securebits, 0)
	case !c.setCaps:
		return 0
	case step == StepBounding:
		return dropBounding(c)
	case step == StepCaps:
		return capset(c)
	case step == StepAmbient:
		return raiseAmbient(c)
	}
	return 0
}

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func dropBounding(c *childConfig) syscall.Errno {
	for n := range 64 {
		if c.capKeep>>n&1 != 0 {
			continue
		}
		c.report.index = int32(n)
		err := prctl(unix.PR_CAPBSET_DROP, uintptr(n), 0)
		if err == unix.EINVAL { // beyond the last one of this kernel
			break
		}
		if err != 0 {
			return err
		}
	}
	if c.setCred { // a user other than root keeps what it had permitted
		return prctl(unix.PR_SET_KEEPCAPS, 1, 0)
	}
	return 0
}

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func capset(c *childConfig) syscall.Errno {
	var data [2]unix.CapUserData
	header := uintptr(unsafe.Pointer(&c.capHeader))
	_, err := rawCall(unix.SYS_CAPGET, header, uintptr(unsafe.Pointer(&data)), 0, 0, 0, 0)
	if err != 0 {
		return err
	}
	for i := range data {
		keep, ambient := uint32(c.capKeep>>(32*i)), uint32(c.capAmbient>>(32*i))
		data[i].Permitted &= keep
		data[i].Effective = data[i].Permitted
		data[i].Inheritable = data[i].Inheritable&keep | ambient
	}
	_, err = rawCall(unix.SYS_CAPSET, header, uintptr(unsafe.Pointer(&data)), 0, 0, 0, 0)
	return err
}

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func raiseAmbient(c *childConfig) syscall.Errno {
	for n := range 64 {
		if c.capAmbient>>n&1 == 0 {
			continue
		}
		c.report.index = int32(n)
		if err := prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, uintptr(n)); err != 0 {
			return err
		}
	}
	return 0
}
