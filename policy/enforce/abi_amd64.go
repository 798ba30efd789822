package enforce

const nativeName = "amd64"
