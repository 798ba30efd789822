package tracer

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// ErrInterrupted says that something else came before a call that was injected
// could be made: the task's own call is told anew.
var ErrInterrupted = errors.New("interrupted")

// Inject has a task that is at a [SyscallEnter] stop make a call of the machine's
// own ABI, and returns what that returned, -errno for a failure. The call must
// not wait. It may be used several times in one stop. The task's own call is told
// anew afterwards, as if it had not been told: the action of this stop is to be the
// zero one.
func (k *Task) Inject(nr uint64, args [6]uint64) (int64, error) {
	t := k.t
	if k.stop.Kind != SyscallEnter || k.state == gone || k.call.ABI.ID != nativeABI {
		return 0, ErrNotHeld
	}
	if k.again { // before its call: go to the entry of that
		if made, err := t.step(k, true); !made {
			return 0, interrupted(err)
		}
	}
	if made, err := k.made(requestRegs, k.entry.read(k.tid)); !made {
		return 0, interrupted(err)
	}
	k.again = true
	if made, err := t.setArgs(k, 1<<6-1, &args); !made {
		return 0, interrupted(err)
	}
	if made, err := t.setNumber(k, nr); !made {
		return 0, interrupted(err)
	}
	if made, err := t.step(k, false); !made {
		return 0, interrupted(err)
	}
	r := &t.regs
	if made, err := k.made(requestRegs, r.read(k.tid)); !made {
		return 0, interrupted(err)
	}
	ret := r.result()
	k.entry.rewind(k.call.Nr, k.call.Args[0])
	if made, err := k.made(requestSetRegs, k.entry.write(k.tid)); !made {
		return 0, interrupted(err)
	}
	return ret, nil
}

func interrupted(err error) error {
	if err == nil {
		return ErrInterrupted
	}
	return err
}

// step lets a task run to the exit of the call that it is entering, or to the entry
// of its next one. Should it come to another stop, that is handled when the caller
// has done with this one.
func (t *Tracer) step(k *Task, entry bool) (bool, error) {
	for {
		if made, err := t.do(k, unix.PTRACE_SYSCALL, 0); !made {
			return made, err
		}
		w, err := t.wait4(k.tid, 0)
		switch {
		case err != nil:
			return false, fmt.Errorf("inject a call into %d: %w", k.tid, err)
		case ended(w.status):
			k.state = gone
			t.push(w)
			return false, nil
		}
		switch c, _ := classify(w.status, k.seized); {
		case c == classSyscall:
			return true, nil
		case c == classSeccomp && !entry:
		default:
			k.later, k.status = true, w.status
			return false, nil
		}
	}
}
