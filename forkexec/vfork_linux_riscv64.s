#include "textflag.h"

// func rawVfork(trap, a1, a2, a3 uintptr) (r1, errno uintptr)
//
// A leaf without a frame: the return address is in the link register only.
TEXT ·rawVfork(SB),NOSPLIT|NOFRAME,$0-48
	MOV	trap+0(FP), A7
	MOV	a1+8(FP), A0
	MOV	a2+16(FP), A1
	MOV	a3+24(FP), A2
	MOV	ZERO, A3
	MOV	ZERO, A4
	MOV	ZERO, A5
	ECALL
	MOV	$-4096, T0
	BLTU	T0, A0, failed
	MOV	A0, r1+32(FP)
	MOV	ZERO, errno+40(FP)
	RET
failed:
	SUB	A0, ZERO, A0
	MOV	$-1, T0
	MOV	T0, r1+32(FP)
	MOV	A0, errno+40(FP)
	RET
