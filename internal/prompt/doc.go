// Package prompt asks at the terminal what a policy leaves open.
//
// An [Asker] takes questions from the goroutine that traces, shows one after the
// other, and gives each its answer from a goroutine of its own; nothing waits
// but the task that a question is about. Questions that are alike are one, and
// what an answer settles for others is not asked again. Where nobody can be
// asked, time is up or the input ends, a call is denied once, which nothing
// remembers.
//
// A [Terminal] is the user's. The program that is asked about has one of its
// own (see [Terminal.Relay]), so that it cannot type the answers (TIOCSTI), and
// what it writes is held while a question stands. All text that comes from it is
// shown so that no byte of it reaches the terminal as a control character.
//
// A [Session] is what was answered: rules for this run, and rules for always,
// which go to the policy file at once. It ends with a review of them as a
// difference against the file, and one that was not ended can be resumed.
//
// The package decides nothing and traces nothing: who uses it says what the
// rules of an answer mean (Options.Check) and puts them in force (Options.Apply).
package prompt
