package tracer

import (
	"unsafe"

	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// syscallInfo is struct ptrace_syscall_info (include/uapi/linux/ptrace.h). data
// is nr, args[6] and, for seccomp, ret_data; or rval, is_error.
type syscallInfo struct {
	op   uint8
	_    [3]uint8
	arch uint32
	ip   uint64
	sp   uint64
	data [8]uint64
}

const (
	opNone    = 0
	opEntry   = 1
	opExit    = 2
	opSeccomp = 3
)

const maxErrno = 4095

// getInfo fills t.info. Where the kernel (before 5.3) or a container does not
// have the request, the registers have to do; op then says what it would have.
func (t *Tracer) getInfo(k *Task, op uint8) (bool, error) {
	if t.noInfo {
		return t.infoFromRegs(k, op)
	}
	if k.state == gone {
		return false, nil
	}
	e := ptracePtr(ptraceSyscallInfo, k.tid, unsafe.Sizeof(t.info), unsafe.Pointer(&t.info))
	if e == unix.EIO || e == unix.EINVAL || e == unix.EPERM {
		t.noInfo = true
		return t.infoFromRegs(k, op)
	}
	return k.made(ptraceSyscallInfo, e)
}

// infoFromRegs fills t.info from the registers.
func (t *Tracer) infoFromRegs(k *Task, op uint8) (bool, error) {
	made, err := k.made(requestRegs, t.regs.read(k.tid))
	if !made {
		return made, err
	}
	i := &t.info
	i.op, i.ip, i.sp = op, t.regs.pc(), t.regs.sp()
	abi := k.call.ABI
	switch op {
	case opEntry, opSeccomp:
		abi = syscalls.ByID(t.regs.abi(t.before(k, i.ip)))
	case opNone:
		abi = syscalls.ByID(t.regs.mode())
	}
	i.arch = abi.Audit
	switch op {
	case opExit:
		ret := t.regs.result()
		if abi.RegWord == 4 {
			ret = int64(int32(ret))
		}
		i.data[0], i.data[1] = uint64(ret), 0
		if ret < 0 && ret >= -maxErrno {
			i.data[1] = 1
		}
	case opEntry, opSeccomp:
		i.data[0] = t.regs.number()
		t.regs.args(abi.ID, i.data[1:7])
	}
	return true, nil
}

// before returns the two bytes before the program counter: the instruction that
// made the call, on x86.
func (t *Tracer) before(k *Task, ip uint64) [2]byte {
	var b [2]byte
	k.ReadMemory(ip-2, b[:])
	return b
}

// syscallStop handles the entry or the exit of a call.
func (t *Tracer) syscallStop(k *Task) error {
	if k.inCall && k.noExit && !k.forced && k.mask == 0 && !k.inExec && !k.spot.aside && !k.closing && !k.moving {
		k.inCall = false
		k.callOver()
		return t.resume(k, 0)
	}
	op := uint8(opEntry)
	if k.inCall {
		op = opExit
	}
	made, err := t.getInfo(k, op)
	if !made {
		if err == nil && t.opt.TellExiting {
			t.lost(k)
		}
		return err
	}
	switch t.info.op {
	case opEntry:
		return t.entered(k, false)
	case opExit:
		return t.exited(k)
	}
	return t.resume(k, 0)
}

// seccompStop handles a call that a filter sent here. A task that stops at every
// call has told of it already, at its entry.
func (t *Tracer) seccompStop(k *Task) error {
	if k.inCall {
		return t.resume(k, 0)
	}
	made, err := t.getInfo(k, opSeccomp)
	if !made {
		return err
	}
	if !t.noInfo {
		return t.entered(k, true)
	}
	made, err = t.doPtr(k, ptraceGetEventMsg, 0, unsafe.Pointer(&t.message))
	if !made {
		return err
	}
	t.info.data[7] = uint64(t.message)
	return t.entered(k, true)
}

// entered fills in the event of a call and tells of it.
func (t *Tracer) entered(k *Task, filtered bool) error {
	i := &t.info
	ev := &k.call
	ev.Reset()
	k.inCall, k.noExit, k.forced, k.mask = true, false, false, 0
	k.over()
	ev.Mono, ev.Wall, ev.CPUEnter = t.mono, t.wall, t.cpu
	ev.IP, ev.SP = i.ip, i.sp
	ev.ABI, ev.Nr = abiOf(i.arch, i.data[0])
	copy(ev.Args[:], i.data[1:7])
	if err := t.special(k, ev); err != nil {
		return err
	}
	if k.starting && !k.inExec { // reporting that execve failed
		k.noExit = true
		return t.resume(k, 0)
	}
	s := t.tell(k, SyscallEnter)
	if filtered {
		s.Filtered, s.FilterData = true, uint16(i.data[7])
	}
	return nil
}

// exited completes the event of a call and tells of it.
func (t *Tracer) exited(k *Task) error {
	if !k.inCall { // attached in the middle of a call
		return t.resume(k, 0)
	}
	ev := &k.call
	ev.MonoExit, ev.WallExit, ev.CPUExit = t.mono, t.wall, t.cpu
	ev.Returned = true
	setResult(ev, int64(t.info.data[0]), uint8(t.info.data[1]) != 0)
	if k.forced || k.mask != 0 {
		if made, err := t.restore(k); !made {
			return err
		}
	}
	k.over()
	k.callOver()
	if t.mono-ev.Mono > t.epoch.long {
		t.epoch.next(t.mono)
	}
	if k.detach {
		k.inCall = false
		return t.letGo(k, 0, true)
	}
	if k.noExit {
		k.inCall = false
		return t.resume(k, 0)
	}
	t.tell(k, SyscallExit)
	return nil
}

// lost tells of the call of a task that was killed at its entry or its exit.
func (t *Tracer) lost(k *Task) {
	ev := &k.call
	kind := SyscallEnter
	if k.inCall {
		if k.noExit {
			return
		}
		kind = SyscallExit
		ev.MonoExit, ev.WallExit = t.mono, t.wall
	} else {
		ev.Reset()
		ev.Mono, ev.Wall = t.mono, t.wall
		k.inCall, k.noExit, k.forced, k.mask = true, false, false, 0
	}
	ev.Lost = true
	t.tell(k, kind)
}

func setResult(ev *syscalls.Event, ret int64, failed bool) {
	if ev.ABI.RegWord == 4 {
		ret = int64(int32(ret))
	}
	ev.Ret, ev.Errno = ret, 0
	if failed {
		ev.Errno = int(-ret)
	}
}

// abiOf says how a call was made: x32 shares the audit number of amd64, and is
// told by a bit of the call's number, be it beyond all calls and negative, but not -1: no call.
func abiOf(audit uint32, nr uint64) (*syscalls.ABI, uint64) {
	switch audit {
	case unix.AUDIT_ARCH_X86_64:
		if nr&syscalls.X32Bit != 0 && nr != noCall {
			return syscalls.ByID(syscalls.X32), nr &^ syscalls.X32Bit
		}
		return syscalls.ByID(syscalls.AMD64), nr
	case unix.AUDIT_ARCH_I386:
		return syscalls.ByID(syscalls.I386), nr
	case unix.AUDIT_ARCH_AARCH64:
		return syscalls.ByID(syscalls.ARM64), nr
	case unix.AUDIT_ARCH_ARM:
		return syscalls.ByID(syscalls.ARM), nr
	case unix.AUDIT_ARCH_RISCV64:
		return syscalls.ByID(syscalls.RISCV64), nr
	}
	return syscalls.ByID(nativeABI), nr
}
