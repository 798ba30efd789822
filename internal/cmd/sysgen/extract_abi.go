package main

// abi is one way a Linux process can call the kernel, as the header extractor
// sees it: where its asm/ headers are and what makes clang speak it.
type abi struct {
	name   string // the column's name in the fact files
	target string // clang --target
	dir    string // directory, under the include directory, that holds asm/
}

// abis returns the ABIs in the order of the columns of every fact file.
func abis() []abi {
	return []abi{
		{"amd64", "x86_64-linux-gnu", "x86_64-linux-gnu"},
		{"i386", "i386-linux-gnu", "i386-linux-gnu"},
		{"x32", "x86_64-linux-gnux32", "x86_64-linux-gnux32"},
		{"arm64", "aarch64-linux-gnu", "aarch64-linux-gnu"},
		{"arm", "arm-linux-gnueabihf", "arm-linux-gnueabihf"},
		{"riscv64", "riscv64-linux-gnu", "riscv64-linux-gnu"},
	}
}

// abiColumns is how the fact files' headers name their columns.
const abiColumns = "amd64 i386 x32 arm64 arm riscv64"
