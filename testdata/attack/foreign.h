// Calls that are made in another way than the machine's own.
#ifndef __x86_64__
#define NOT_HERE skip("only amd64 has it")
#else
#define NOT_HERE (void)0
// int80 makes a call of i386; pointers must be below 4 GiB.
__attribute__((unused)) static long int80(long nr, long a, long b, long c)
{
	long r;
	__asm__ volatile("int $0x80" : "=a"(r) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory", "r8", "r9", "r10", "r11");
	return r;
}
#endif
