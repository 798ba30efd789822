package main

import (
	"iter"
	"slices"
)

// fakeCalls is a small callIndex with the shape of the real one: three ABIs,
// of which calls have different numbers, or none.
type fakeCalls struct {
	calls   [abiCount]map[int]string
	classes map[string][]string
}

func testCalls() *fakeCalls {
	f := &fakeCalls{classes: map[string][]string{
		"%file":    {"open", "openat", "stat", "lstat", "chdir", "execve", "unlink"},
		"%desc":    {"open", "openat", "close", "read", "write", "fstat", "readv"},
		"%process": {"execve", "exit_group", "fork", "wait4"},
		"%net":     {"socket", "socketcall"},
		"%signal":  {"kill", "signal"},
		"%ipc":     {"ipc", "shmget"},
		"%memory":  {"mmap", "brk"},
		"%creds":   {"getuid", "getuid32"},
		"%pure":    {"getpid", "gettid", "getppid", "getuid", "getuid32", "getpgrp"},
		"%stat":    {"stat"}, "%lstat": {"lstat"}, "%fstat": {"fstat"}, "%%stat": {"stat", "lstat", "fstat"},
		"%statfs": {"statfs"}, "%fstatfs": {}, "%%statfs": {"statfs"}, "%clock": {},
	}}
	f.calls[abiAMD64] = map[int]string{
		0: "read", 1: "write", 2: "open", 3: "close", 4: "stat", 5: "fstat", 6: "lstat", 9: "mmap", 12: "brk",
		19: "readv", 29: "shmget", 39: "getpid", 41: "socket", 57: "fork", 59: "execve", 61: "wait4", 62: "kill",
		80: "chdir", 87: "unlink", 102: "getuid", 110: "getppid", 111: "getpgrp", 137: "statfs", 186: "gettid",
		201: "time", 231: "exit_group", 257: "openat", 335: "uretprobe", 336: "uprobe", 450: "set_mempolicy_home_node",
		460: "lsm_set_self_attr",
	}
	f.calls[abiI386] = map[int]string{
		1: "exit", 2: "fork", 3: "read", 4: "write", 5: "open", 6: "close", 12: "chdir", 13: "time", 17: "break",
		20: "getpid", 24: "getuid", 37: "kill", 48: "signal", 65: "getpgrp", 102: "socketcall", 117: "ipc",
		199: "getuid32", 224: "gettid", 252: "exit_group", 295: "openat",
	}
	f.calls[abiX32] = map[int]string{
		0: "read", 1: "write", 2: "open", 3: "close", 19: "readv#64", 39: "getpid", 80: "chdir", 102: "getuid",
		257: "openat", 440: "process_madvise", 512: "rt_sigaction", 515: "readv", 520: "execve", 547: "pwritev2",
	}
	return f
}

func (f *fakeCalls) Lookup(abi int, name string) []int {
	var list []int
	for nr, n := range f.calls[abi] {
		if n == name {
			list = append(list, nr)
		}
	}
	return list
}

func (f *fakeCalls) Class(abi int, class string) ([]int, bool) {
	names, ok := f.classes[class]
	var list []int
	for nr, n := range f.calls[abi] {
		if slices.Contains(names, n) {
			list = append(list, nr)
		}
	}
	return list, ok
}

func (f *fakeCalls) All(abi int) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for nr, name := range f.calls[abi] {
			if !yield(nr, name) {
				return
			}
		}
	}
}
