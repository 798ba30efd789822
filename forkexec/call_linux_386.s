#include "textflag.h"

// func rawVfork(trap, a1, a2, a3 uintptr) (r1 uintptr, errno syscall.Errno)
TEXT ·rawVfork(SB),NOSPLIT|NOFRAME,$0-24
	MOVL	trap+0(FP), AX
	MOVL	a1+4(FP), BX
	MOVL	a2+8(FP), CX
	MOVL	a3+12(FP), DX
	XORL	SI, SI
	MOVL	0(SP), DI	// ctid, which no flag of ours makes clone look at
	INT	$0x80
	MOVL	DI, 0(SP)
	CMPL	AX, $-4095
	JCC	failed
	MOVL	AX, r1+16(FP)
	MOVL	$0, errno+20(FP)
	RET
failed:
	NEGL	AX
	MOVL	$-1, r1+16(FP)
	MOVL	AX, errno+20(FP)
	RET

// func rawCall(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1 uintptr, errno syscall.Errno)
TEXT ·rawCall(SB),NOSPLIT,$0-36
	MOVL	trap+0(FP), AX
	MOVL	a1+4(FP), BX
	MOVL	a2+8(FP), CX
	MOVL	a3+12(FP), DX
	MOVL	a4+16(FP), SI
	MOVL	a5+20(FP), DI
	MOVL	a6+24(FP), BP
	INT	$0x80
	CMPL	AX, $-4095
	JCC	failed
	MOVL	AX, r1+28(FP)
	MOVL	$0, errno+32(FP)
	RET
failed:
	NEGL	AX
	MOVL	$-1, r1+28(FP)
	MOVL	AX, errno+32(FP)
	RET
