// Package tracefile reads saved traces: what strait --json writes, and the text
// of strace and strait. Two traces of one program come out alike, whoever wrote
// them; interrupted calls are joined.
//
// [Read] gives entries, for those who take calls apart (strait/internal/golden).
// [Parse] and [Compare] keep lines as lines: what differs from run to run
// (addresses, process ids, times) is taken out, and the rest compared as a
// multiset of lines for each process, which is how strait's output is held against
// strace's.
//
// It is not a decoder: values stay the words that they were written in.
package tracefile
