package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"strait/internal/match"
	"strait/syscalls"
)

// An Action is what is done about a call. The zero value is Allow.
type Action struct {
	Kind ActionKind
	Num  int // Deny: the error number; Return: the result
}

// ActionKind orders actions by severity: of several that apply to one call the
// greatest is taken.
type ActionKind uint8

// The kinds of actions.
const (
	Allow  ActionKind = iota
	Log               // allow, and write it down
	Ask               // ask whoever sits at the terminal
	Return            // do not run it: it seems to succeed with a result
	Deny              // do not run it: it fails with an error
	Kill              // end the process
)

// eperm is what deny without an error means (include/uapi/asm-generic/errno-base.h).
const (
	eperm  = 1
	enosys = 38
)

func (a Action) String() string {
	switch a.Kind {
	case Allow:
		return "allow"
	case Log:
		return "log"
	case Ask:
		return "ask"
	case Return:
		return fmt.Sprintf("return(%d)", a.Num)
	case Kill:
		return "kill"
	}
	if name, _ := syscalls.ErrnoName(a.Num); name != "" {
		return "deny(" + name + ")"
	}
	return fmt.Sprintf("deny(%d)", a.Num)
}

// ParseAction parses allow, deny(ERRNO), kill, ask, log or return(N). A bare deny
// is deny(EPERM).
func ParseAction(s string) (Action, error) {
	name, arg, has := strings.Cut(s, "(")
	if has {
		var ok bool
		if arg, ok = strings.CutSuffix(arg, ")"); !ok {
			return Action{}, &Error{Msg: fmt.Sprintf("%q lacks its closing parenthesis", s)}
		}
	}
	switch {
	case name == "deny" && !has:
		return Action{Deny, eperm}, nil
	case name == "deny":
		return parseErrno(arg)
	case name == "return" && has:
		n, err := strconv.ParseInt(arg, 0, 64)
		if err != nil || n < -1<<31 || n > 1<<31-1 {
			return Action{}, &Error{Msg: fmt.Sprintf("%q is not a result", arg), Hint: "return(0), return(1), ..."}
		}
		return Action{Return, int(n)}, nil
	}
	for i, k := range [...]string{"allow", "log", "ask", "", "", "kill"} {
		if k == name && !has {
			return Action{Kind: ActionKind(i)}, nil
		}
	}
	hint := "allow, deny(ERRNO), kill, ask, log or return(N)"
	if near := match.Nearest(name, slices.Values([]string{"allow", "deny", "kill", "ask", "log", "return"})); near != "" && near != name {
		hint = "did you mean " + near + "?"
	}
	return Action{}, &Error{Msg: fmt.Sprintf("no action %q", s), Hint: hint}
}

func parseErrno(s string) (Action, error) {
	if n, ok := syscalls.ErrnoByName(s); ok && n < 512 {
		return Action{Deny, n}, nil
	}
	if n, err := strconv.Atoi(s); err == nil && n > 0 && n < 512 {
		return Action{Deny, n}, nil
	}
	hint := "an error of errno(3): deny(EPERM), deny(ENOENT)"
	if near := match.Nearest(s, errnoNames); near != "" && s != "" {
		hint = "did you mean " + near + "?"
	}
	return Action{}, &Error{Msg: fmt.Sprintf("no error %q", s), Hint: hint}
}

// errnoNames are the names of the errors that a call can fail with.
func errnoNames(yield func(string) bool) {
	for n := 1; n < 512; n++ {
		if name, _ := syscalls.ErrnoName(n); name != "" && !yield(name) {
			return
		}
	}
}

// runs reports whether the call is made.
func (k ActionKind) runs() bool { return k == Allow || k == Log }
