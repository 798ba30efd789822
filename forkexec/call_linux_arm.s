#include "textflag.h"

// func rawVfork(trap, a1, a2, a3 uintptr) (r1 uintptr, errno syscall.Errno)
//
// A leaf without a frame: the return address is in the link register only.
TEXT ·rawVfork(SB),NOSPLIT|NOFRAME,$0-24
	MOVW	trap+0(FP), R7
	MOVW	a1+4(FP), R0
	MOVW	a2+8(FP), R1
	MOVW	a3+12(FP), R2
	MOVW	$0, R3
	MOVW	$0, R4
	SWI	$0
	MOVW	$0xfffff001, R1
	CMP	R1, R0
	BCS	failed
	MOVW	R0, r1+16(FP)
	MOVW	$0, R1
	MOVW	R1, errno+20(FP)
	RET
failed:
	RSB	$0, R0, R0
	MOVW	$-1, R1
	MOVW	R1, r1+16(FP)
	MOVW	R0, errno+20(FP)
	RET

// func rawCall(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1 uintptr, errno syscall.Errno)
TEXT ·rawCall(SB),NOSPLIT,$0-36
	MOVW	trap+0(FP), R7
	MOVW	a1+4(FP), R0
	MOVW	a2+8(FP), R1
	MOVW	a3+12(FP), R2
	MOVW	a4+16(FP), R3
	MOVW	a5+20(FP), R4
	MOVW	a6+24(FP), R5
	SWI	$0
	MOVW	$0xfffff001, R6
	CMP	R6, R0
	BCS	failed
	MOVW	R0, r1+28(FP)
	MOVW	$0, R1
	MOVW	R1, errno+32(FP)
	RET
failed:
	RSB	$0, R0, R0
	MOVW	$-1, R1
	MOVW	R1, r1+28(FP)
	MOVW	R0, errno+32(FP)
	RET
