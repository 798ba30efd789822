package tracer

import (
	"unsafe"

	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// noCall is the number of no call: the kernel makes none and returns what the
// result register holds.
const noCall = ^uint64(0)

// change does to a call that is about to be made what a says.
func (t *Tracer) change(k *Task, a *Action) error {
	k.noExit = a.NoExit
	if a.Mask != 0 {
		if made, err := t.setArgs(k, a.Mask, &a.Args); !made {
			return err
		}
		k.mask = a.Mask
		k.call.Injected |= syscalls.InjectedArgs
	}
	if a.Skip {
		nr := noCall
		if a.Other != 0 {
			nr = a.Other
			if k.call.ABI.ID == syscalls.X32 {
				nr |= syscalls.X32Bit
			}
		}
		if made, err := t.setNumber(k, nr); !made {
			return err
		}
		k.forced, k.forcedRet = true, a.Result
	}
	// In filter mode nobody needs the exit, so the kernel shall not stop there.
	if k.noExit && t.filters(k) && !k.forced && k.mask == 0 && !k.spot.aside {
		k.inCall = false
	}
	return nil
}

// leave does what is to be done when the exit of a call was told.
func (t *Tracer) leave(k *Task) error {
	k.inCall = false
	if !k.forced {
		return nil
	}
	_, err := t.restore(k)
	return err
}

// restore sets the result of a call and puts back the arguments that were
// changed: a program may rely on the registers of its arguments.
func (t *Tracer) restore(k *Task) (bool, error) {
	r := &t.regs
	made, err := k.made(requestRegs, r.read(k.tid))
	if !made {
		return made, err
	}
	ev := &k.call
	for i := range ev.Args {
		if k.mask&(1<<i) != 0 {
			r.restoreArg(ev.ABI.ID, i, k.args[i])
		}
	}
	if k.forced {
		r.restoreNumber(ev.Nr)
		r.setResult(k.forcedRet)
		setResult(ev, k.forcedRet, k.forcedRet < 0 && k.forcedRet >= -maxErrno)
		ev.Injected |= syscalls.InjectedResult
	}
	k.forced, k.mask = false, 0
	return k.made(requestSetRegs, r.write(k.tid))
}

func (t *Tracer) setArgs(k *Task, mask uint8, args *[6]uint64) (bool, error) {
	r := &t.regs
	made, err := k.made(requestRegs, r.read(k.tid))
	if !made {
		return made, err
	}
	for i, v := range args {
		if mask&(1<<i) != 0 {
			k.args[i] = r.setArg(k.call.ABI.ID, i, v)
		}
	}
	if argsByInfo && !t.noInfo {
		return t.setInfoArgs(k, mask, args)
	}
	return k.made(requestSetRegs, r.write(k.tid))
}

// setInfoArgs sets arguments where the registers do not have them all, by the
// request for that (Linux 6.16). An older kernel has them in registers, hopefully.
func (t *Tracer) setInfoArgs(k *Task, mask uint8, args *[6]uint64) (bool, error) {
	made, err := t.getInfo(k, opEntry)
	if !made {
		return made, err
	}
	for i, v := range args {
		if mask&(1<<i) != 0 {
			t.info.data[1+i] = v
		}
	}
	e := ptracePtr(ptraceSetSyscallInfo, k.tid, unsafe.Sizeof(t.info), unsafe.Pointer(&t.info))
	if e == unix.EIO {
		return k.made(requestSetRegs, t.regs.write(k.tid))
	}
	return k.made(ptraceSetSyscallInfo, e)
}

func (t *Tracer) setNumber(k *Task, nr uint64) (bool, error) {
	return k.made(requestSetRegs, t.regs.writeNumber(k.tid, nr))
}
