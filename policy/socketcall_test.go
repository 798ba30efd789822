package policy

import (
	"encoding/binary"
	"testing"

	"strait/syscalls"
)

func TestSocketcall(t *testing.T) {
	words := func(args ...uint32) []byte {
		var b []byte
		for _, a := range args {
			b = binary.LittleEndian.AppendUint32(b, a)
		}
		return b
	}
	for _, c := range []struct {
		rule string
		args []any
		want string
	}{
		{"allow net.socket tcp", []any{1, words(2, 1, 0)}, "allow"},
		{"allow net.socket tcp", []any{1, words(2, 2, 0)}, "deny(EPERM)"},
		{"allow net.connect tcp 10.0.0.1:1", []any{1, words(2, 1, 0)}, "allow"},
		{"allow net.connect tcp 10.0.0.1:1", []any{9, words(3, 4, 5, 0)}, "allow"},     // send
		{"allow net.connect tcp 10.0.0.1:1", []any{3, words(3, 4, 16)}, "deny(EPERM)"}, // the address is behind a pointer
		{"allow net.connect", []any{3, words(3, 4, 16)}, "allow"},                      //
		{"allow net.connect", []any{2, words(3, 4, 16)}, "deny(EPERM)"},                // bind
		{"allow net.bind", []any{4, words(3, 4)}, "allow"},                             // listen
		{"allow net.use", []any{11, words(3, 4, 5, 0, 0, 0)}, "allow"},                 // sendto without an address
		{"allow net.use", []any{11, words(3, 4, 5, 0, 99, 16)}, "deny(EPERM)"},         //
		{"allow net.use", []any{16, words(3, 4, 0)}, "deny(EPERM)"},                    // sendmsg: who knows
		{"allow net.use", []any{11, 0}, "deny(EPERM)"},                                 // its arguments cannot be read
		{"allow @network", []any{3, words(3, 4, 16)}, "allow"},
	} {
		p := policyFrom(t, "version: 1\nabi: {compat32: allow}\nprofiles: {main: [\""+c.rule+"\"]}\n")
		if got := p.Decide(event(t, syscalls.I386, "socketcall", c.args...)); got.Action.String() != c.want {
			t.Errorf("%s: socketcall(%v): got %s, want %s", c.rule, c.args, got.Action, c.want)
		}
	}
}
