package main

import (
	"iter"
	"runtime"

	"strait/syscalls"
)

// tableIndex is the callIndex of package syscalls.
type tableIndex struct{}

func (tableIndex) Lookup(abi int, name string) (list []int) {
	for nr, c := range rows(abi) {
		if c.Name == name {
			list = append(list, nr)
		}
	}
	return list
}

func (tableIndex) Class(abi int, class string) ([]int, bool) {
	bit, ok := classBits[class]
	if !ok {
		return nil, false
	}
	var out []int
	for nr, c := range rows(abi) {
		if c.Class&bit != 0 {
			out = append(out, nr)
		}
	}
	return out, true
}

func (tableIndex) All(abi int) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for nr, c := range rows(abi) {
			if !yield(nr, c.Name) {
				return
			}
		}
	}
}

// rows are the calls of an ABI that sets can have, those inside other calls too.
func rows(abi int) iter.Seq2[int, *syscalls.Call] {
	a := syscalls.ByID(syscalls.ABIID(abi))
	return func(yield func(int, *syscalls.Call) bool) {
		for _, all := range [...]iter.Seq2[uint64, *syscalls.Call]{a.All, a.Inner} {
			for nr, c := range all {
				if !yield(int(nr), c) {
					return
				}
			}
		}
	}
}

// classBits are the classes by the names that -e trace takes.
var classBits = map[string]syscalls.Class{
	"%file": syscalls.ClassFile, "%desc": syscalls.ClassDesc,
	"%network": syscalls.ClassNetwork, "%net": syscalls.ClassNetwork,
	"%process": syscalls.ClassProcess, "%signal": syscalls.ClassSignal, "%ipc": syscalls.ClassIPC,
	"%memory": syscalls.ClassMemory, "%creds": syscalls.ClassCreds, "%clock": syscalls.ClassClock,
	"%pure": syscalls.ClassPure, "%stat": syscalls.ClassStat, "%lstat": syscalls.ClassLstat,
	"%fstat": syscalls.ClassFstat, "%%stat": syscalls.ClassStatLike, "%statfs": syscalls.ClassStatfs,
	"%fstatfs": syscalls.ClassFstatfs, "%%statfs": syscalls.ClassStatfsLike,
}

// personalities are the ABIs of a machine, the native one first.
func personalities() []personality {
	switch runtime.GOARCH {
	case "amd64":
		return []personality{{"64", abiAMD64}, {"32", abiI386}, {"x32", abiX32}}
	case "arm64":
		return []personality{{"64", abiARM64}, {"32", abiARM}}
	case "riscv64":
		return []personality{{"64", abiRISCV64}}
	case "386":
		return []personality{{"32", abiI386}}
	}
	return []personality{{"32", abiARM}}
}
