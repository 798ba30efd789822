// Strait traces what a program asks of the Linux kernel, and decides about it.
package main

func main() {}
