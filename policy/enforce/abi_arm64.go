package enforce

const nativeName = "arm64"
