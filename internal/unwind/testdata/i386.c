/*
 * A 32-bit program without a C library: it raises SIGURG at the end of a known
 * chain of calls.
 */
static int call3(int n, int a, int b)
{
	int r;
	__asm__ volatile("int $0x80" : "=a"(r) : "a"(n), "b"(a), "c"(b) : "memory");
	return r;
}

#define NOINLINE __attribute__((noinline, noclone))
#define KEEP __asm__ volatile("" ::: "memory")

NOINLINE int stop_here(void) { int r = call3(37, call3(20, 0, 0), 23); KEEP; return r; }
NOINLINE int second(int n) { int r = stop_here() + n; KEEP; return r; }
NOINLINE int first(int n, int size) { volatile int room[size]; room[0] = second(n); KEEP; return room[0]; }

void _start(void)
{
	first(1, 8);
	call3(1, 0, 0);
}
