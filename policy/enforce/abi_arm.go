package enforce

const nativeName = "arm"
