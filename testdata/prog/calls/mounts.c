// Calls on mounts that change none: nothing that they name is there. As in
// files.c, what they take stands at fixed addresses.
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define AREA ((char *)0x10000000)
#define EDGE (AREA + 0x10000)
#define NOWHERE ((long)EDGE)

enum {
	NR_open_tree = 428, NR_move_mount = 429, NR_fsconfig = 431, NR_fsmount = 432, NR_fspick = 433,
	NR_mount_setattr = 442, NR_statmount = 457, NR_listmount = 458, NR_open_tree_attr = 467,
};

static char *next;

static long put(const void *p, size_t n)
{
	char *at = next;
	memcpy(at, p, n);
	next += (n + 63) & ~(size_t)63;
	return (long)at;
}

static long edge(const void *p, size_t n) { return (long)memcpy(EDGE - n, p, n); }
static long str(const char *s) { return put(s, strlen(s) + 1); }

#define WORDS(...) put((uint64_t[]){__VA_ARGS__}, sizeof((uint64_t[]){__VA_ARGS__}))
#define CALL(...) (memset(AREA, 0, 0x10000), next = AREA + 0x100, syscall(__VA_ARGS__))

int main(void)
{
	static const long flags[] = {3, 0xc0ed0000, 0xc0ed0001, 0x1000, 0x5000, 0x20, 0x1020, 0x2000, 0x40000, 0x80000,
		0x100000, 0x20000, 0xffffffff, 0x100000000};
	if (mmap(AREA, 0x10000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != AREA)
		return 1;
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		CALL(SYS_mount, str("src"), str("/nonexistent/x"), str("tmpfs"), flags[i], str("size=1k"));
	CALL(SYS_mount, NOWHERE, NOWHERE, NOWHERE, 0, NOWHERE);
	CALL(SYS_umount2, str("/nonexistent/x"), 0x1f);
	for (int cmd = 0; cmd < 10; cmd++) {
		CALL(NR_fsconfig, -1, cmd, str("key"), str("value"), 3);
		CALL(NR_fsconfig, -1, cmd, NOWHERE, NOWHERE, -100);
		CALL(NR_fsconfig, -1, cmd, 0, 0, -1);
	}
	CALL(NR_fsmount, -1, 7, 0xff);
	CALL(NR_fsmount, -1, -1, 0x100000);
	CALL(NR_fspick, -1, str("x"), 0x1f);
	CALL(NR_move_mount, -1, str("a"), -100, 0, 0x3ff);
	CALL(NR_open_tree, -1, str("x"), -1);
	CALL(NR_open_tree_attr, -1, str("x"), 0x80001, WORDS(1, 0x10, 0x20000, 4), 32);
	CALL(NR_mount_setattr, -1, str("x"), 0x9900, WORDS(0x1000ff, 0x30, 0x40, 3), 32);
	CALL(NR_mount_setattr, -1, str("x"), -1, WORDS(0, 0, 0, 1ULL << 32, 7), 40);
	CALL(NR_mount_setattr, -1, str("x"), -1, WORDS(0, 0, 0, 0, 0), 40);
	CALL(NR_mount_setattr, -1, str("x"), -1, WORDS(0, 0, 0, 0), 31);
	CALL(NR_mount_setattr, -1, str("x"), 0, edge("", 1), 40);
	CALL(NR_statmount, WORDS(32ULL | 7ULL << 32, 1, -1, 5), NOWHERE, 512, 3);
	CALL(NR_statmount, WORDS(40, 1, 8, 5, 9), NOWHERE, 512, 0);
	CALL(NR_statmount, WORDS(16, 1, 8), NOWHERE, 512, 0);
	CALL(NR_statmount, edge("\30\0\0\0\0\0\0\0", 8), NOWHERE, 512, 0);
	CALL(NR_statmount, 0, 0, 0, 0);
	CALL(NR_listmount, WORDS(24, -1, 1), NOWHERE, 0, 3);
	CALL(NR_listmount, WORDS(32, 5, 1, 2), 0, 0, 0);
	CALL(SYS_pivot_root, str("a"), NOWHERE);
	return 0;
}
