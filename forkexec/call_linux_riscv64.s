#include "textflag.h"

// func rawVfork(trap, a1, a2, a3 uintptr) (r1 uintptr, errno syscall.Errno)
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

// func rawCall(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1 uintptr, errno syscall.Errno)
TEXT ·rawCall(SB),NOSPLIT,$0-72
	MOV	trap+0(FP), A7
	MOV	a1+8(FP), A0
	MOV	a2+16(FP), A1
	MOV	a3+24(FP), A2
	MOV	a4+32(FP), A3
	MOV	a5+40(FP), A4
	MOV	a6+48(FP), A5
	ECALL
	MOV	$-4096, T0
	BLTU	T0, A0, failed
	MOV	A0, r1+56(FP)
	MOV	ZERO, errno+64(FP)
	RET
failed:
	SUB	A0, ZERO, A0
	MOV	$-1, T0
	MOV	T0, r1+56(FP)
	MOV	A0, errno+64(FP)
	RET
