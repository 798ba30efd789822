// Package match is the language of conditions about events: the where of a
// policy's rule and the if= of an injection.
//
//	op in {TIOCSTI, TIOCLINUX}
//	prot has PROT_WRITE|PROT_EXEC && !(flags & MAP_ANONYMOUS)
//	pathname ~ "/tmp/**" || fd ~ "/dev/pts/*"
//	addr.sin_port == 443 && comm != "curl"
//
// An expression is parsed once ([Parse]), then bound to each call that it is to
// be asked about ([Expr.Bind]): names of arguments and constants are that call's
// on that ABI. A bound one is asked about an event ([Pred.Eval]), and where it
// rests on registers only it lowers to a condition of a seccomp filter
// ([Pred.Lower]).
//
// The answer has three values: what cannot be read is [Unknown], and what a
// caller makes of that is the caller's: a policy denies.
package match
