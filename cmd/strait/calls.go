package main

import (
	"iter"
	"runtime"

	"strait/syscalls"
)

// tableIndex is the callIndex of package syscalls.
type tableIndex struct{}

func (tableIndex) Lookup(abi int, name string) []int {
	if nr, ok := syscalls.ByID(syscalls.ABIID(abi)).Number(name); ok {
		return []int{int(nr)}
	}
	return nil
}

func (tableIndex) Class(abi int, class string) ([]int, bool) {
	bit, ok := classBits[class]
	if !ok {
		return nil, false
	}
	var out []int
	for nr, c := range syscalls.ByID(syscalls.ABIID(abi)).All {
		if c.Class&bit != 0 {
			out = append(out, int(nr))
		}
	}
	return out, true
}

func (tableIndex) All(abi int) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for nr, c := range syscalls.ByID(syscalls.ABIID(abi)).All {
			if !yield(int(nr), c.Name) {
				return
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
