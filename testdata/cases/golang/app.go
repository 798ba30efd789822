//go:build ignore

// App writes a file in each of some goroutines, and runs a program.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
)

func main() {
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			if err := os.WriteFile(fmt.Sprintf("out%d", i), []byte("x\n"), 0o644); err != nil {
				panic(err)
			}
		})
	}
	wg.Wait()
	out, err := exec.Command("cat", "out0", "out1", "out2", "out3").Output()
	if err != nil {
		panic(err)
	}
	fmt.Print(string(out))
}
