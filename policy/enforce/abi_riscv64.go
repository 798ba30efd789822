package enforce

const nativeName = "riscv64"
