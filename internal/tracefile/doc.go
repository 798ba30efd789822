// Package tracefile reads traces that were saved as text, by strace or by
// strait (-f -o FILE), and compares them: interrupted calls are joined, what
// differs from run to run (addresses, process ids, times) is taken out, and the
// rest is compared as a multiset of lines for each process.
//
// It is not a decoder: a line stays a line.
package tracefile
