package enforce

const nativeName = "i386"
