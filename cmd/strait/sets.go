package main

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// bitset is a set of small numbers.
type bitset []uint64

func (b bitset) has(n int) bool {
	return n >= 0 && n>>6 < len(b) && b[n>>6]>>(n&63)&1 != 0
}

func (b *bitset) add(n int) {
	for n>>6 >= len(*b) {
		*b = append(*b, 0)
	}
	(*b)[n>>6] |= 1 << (n & 63)
}

// callSet is a set of system calls: numbers, ABI by ABI, or all but those.
// The zero value is empty.
type callSet struct {
	not     bool
	numbers [abiCount]bitset
}

func allCalls() callSet { return callSet{not: true} }

// has says whether the set holds the call that abi numbers nr.
func (s *callSet) has(abi, nr int) bool {
	return s.numbers[abi].has(nr) != s.not
}

// complete says whether the set holds every call there is, known or not.
func (s *callSet) complete() bool {
	if !s.not {
		return false
	}
	for _, b := range s.numbers {
		if len(b) > 0 {
			return false
		}
	}
	return true
}

// setWords splits the value of a set: [!]none, [!]all or [!]word[,word]...
// For the first two there are no words, and not says which it is.
func setWords(value, kind string) (not bool, words []string, err error) {
	rest := strings.TrimLeft(value, "!")
	not = (len(value)-len(rest))%2 != 0
	switch rest {
	case "none":
		return not, nil, nil
	case "all":
		return !not, nil, nil
	}
	words = strings.FieldsFunc(rest, func(r rune) bool { return r == ',' })
	if len(words) == 0 {
		return false, nil, refuse("invalid %s '%s'", kind, value)
	}
	return not, words, nil
}

// fdSet is a set of file descriptors, or all but those. The zero value is
// empty.
type fdSet struct {
	not bool
	fds []int // sorted
}

func (s *fdSet) empty() bool { return !s.not && len(s.fds) == 0 }

func (s *fdSet) has(fd int) bool {
	_, in := slices.BinarySearch(s.fds, fd)
	return in != s.not
}

func parseFDs(value string) (fdSet, error) {
	not, words, err := setWords(value, "descriptor")
	if err != nil {
		return fdSet{}, err
	}
	set := fdSet{not: not}
	for _, w := range words {
		fd, ok := parseUint(w, math.MaxInt32)
		if !ok {
			return fdSet{}, refuse("invalid descriptor '%s'", w)
		}
		set.fds = append(set.fds, int(fd))
	}
	slices.Sort(set.fds)
	return set, nil
}

// signalSet is a set of signal numbers.
type signalSet [4]uint64

func allSignals() signalSet {
	const all = ^uint64(0)
	return signalSet{all, all, all, all}
}

func (s *signalSet) has(sig int) bool {
	return sig >= 0 && sig < 256 && s[sig>>6]>>(sig&63)&1 != 0
}

func parseSignals(value string) (signalSet, error) {
	not, words, err := setWords(value, "signal")
	if err != nil {
		return signalSet{}, err
	}
	var set signalSet
	for _, w := range words {
		sig, ok := parseSignal(w, 0, 255)
		if !ok {
			return signalSet{}, refuse("invalid signal '%s'", w)
		}
		set[sig>>6] |= 1 << (sig & 63)
	}
	if not {
		for i := range set {
			set[i] = ^set[i]
		}
	}
	return set, nil
}

// parseSignal reads a signal's name, with or without SIG and in any case, or
// its number within the limits.
func parseSignal(s string, least, most int) (int, bool) {
	if s != "" && s[0] >= '0' && s[0] <= '9' {
		n, err := strconv.Atoi(s)
		return n, err == nil && n >= least && n <= most
	}
	name := strings.ToUpper(s)
	name = strings.TrimPrefix(name, "SIG")
	if n, ok := strings.CutPrefix(name, "RT_"); ok {
		i, err := strconv.Atoi(n)
		return 32 + i, err == nil && i >= 1 && i <= 32 && n == strconv.Itoa(i)
	}
	return signalNumber("SIG" + name)
}

// statusSet is a set of ways for a call to end: outcomes, and failures by
// their errno (ours, not strace's), or all but those.
type statusSet struct {
	not      bool
	outcomes outcomes
	errnos   []int
}

// has says whether a call that ended so is in the set; errno counts for
// outcomeFailed only.
func (s *statusSet) has(how outcomes, errno int) bool {
	in := s.outcomes&how != 0 || how == outcomeFailed && slices.Contains(s.errnos, errno)
	return in != s.not
}

// complete says whether no call is left out.
func (s *statusSet) complete() bool {
	if s.not {
		return s.outcomes == 0 && len(s.errnos) == 0
	}
	return s.outcomes == outcomesAll
}

func parseStatus(value string) (statusSet, error) {
	not, words, err := setWords(value, "status")
	if err != nil {
		return statusSet{}, err
	}
	set := statusSet{not: not}
	for _, w := range words {
		if bit, ok := findKeyword(w, statusWords()); ok {
			set.outcomes |= outcomes(bit)
		} else if errno, ok := errnoNumber(w); ok && w == strings.ToUpper(w) {
			set.errnos = append(set.errnos, errno)
		} else {
			return statusSet{}, refuse("invalid status '%s'", w)
		}
	}
	return set, nil
}

// keyword is a word, in any case, and the bits it stands for.
type keyword struct {
	word string
	bits uint
}

func findKeyword(s string, words []keyword) (uint, bool) {
	for _, k := range words {
		if strings.EqualFold(k.word, s) {
			return k.bits, true
		}
	}
	return 0, false
}

// parseKeywords reads a set of words; kind is what messages call it.
func parseKeywords(value, kind string, words []keyword) (uint, error) {
	not, given, err := setWords(value, kind)
	if err != nil {
		return 0, err
	}
	var set, all uint
	for _, w := range given {
		bits, ok := findKeyword(w, words)
		if !ok {
			return 0, refuse("invalid %s '%s'", kind, w)
		}
		set |= bits
	}
	if not {
		for _, k := range words {
			all |= k.bits
		}
		set = all &^ set
	}
	return set, nil
}

func statusWords() []keyword {
	return []keyword{
		{"successful", uint(outcomeSuccessful)},
		{"failed", uint(outcomeFailed)},
		{"unfinished", uint(outcomeUnfinished)},
		{"unavailable", uint(outcomeUnavailable)},
		{"detached", uint(outcomeDetached)},
	}
}

func quietWords() []keyword {
	return []keyword{
		{"attach", uint(quietAttach)},
		{"exit", uint(quietExit)},
		{"exits", uint(quietExit)},
		{"path-resolution", uint(quietPathResolution)},
		{"personality", uint(quietPersonality)},
		{"thread-execve", uint(quietThreadExecve)},
		{"superseded", uint(quietThreadExecve)},
	}
}

func decodeFDWords() []keyword {
	return []keyword{
		{"path", uint(fdPath)},
		{"socket", uint(fdSocket)},
		{"dev", uint(fdDev)},
		{"eventfd", uint(fdEventfd)},
		{"pidfd", uint(fdPidfd)},
		{"signalfd", uint(fdSignalfd)},
	}
}

func decodePIDWords() []keyword {
	return []keyword{
		{"comm", uint(pidComm)},
		{"pidns", uint(pidNamespace)},
	}
}
