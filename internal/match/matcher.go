package match

import "strait/syscalls"

// A Matcher asks one expression about events of any call, and binds it to each
// call that it meets. It is for one goroutine.
type Matcher struct {
	expr  *Expr
	preds map[bound]*Pred // nil: the call has no such argument
}

type bound struct {
	abi  *syscalls.ABI
	call *syscalls.Call
}

// NewMatcher returns a Matcher for e.
func NewMatcher(e *Expr) *Matcher { return &Matcher{e, map[bound]*Pred{}} }

// Match asks about an event. A call without the arguments that the expression
// names does not match.
func (m *Matcher) Match(ev *syscalls.Event, env *Env) Truth {
	key := bound{ev.ABI, ev.Call}
	p, ok := m.preds[key]
	if !ok {
		p, _ = m.expr.Bind(ev.ABI, ev.Call, nil)
		m.preds[key] = p
	}
	if p == nil {
		return False
	}
	return p.Eval(ev, env)
}

// Check reports what is wrong with an expression that is to be asked about any
// of some calls: there must be one to which it can be bound.
func (e *Expr) Check(abi *syscalls.ABI, calls func(yield func(*syscalls.Call) bool)) error {
	var last error
	for c := range calls {
		_, err := e.Bind(abi, c, nil)
		if err == nil {
			return nil
		}
		last = err
	}
	return last
}
