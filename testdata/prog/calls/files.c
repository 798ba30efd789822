// Calls on files with good, missing, unreadable, short and long arguments. What
// they take stands at fixed addresses, with nothing mapped behind EDGE, so that
// two runs make the same lines.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define AREA ((char *)0x10000000)
#define EDGE (AREA + 0x10000)
#define NOWHERE ((long)EDGE)

enum { // numbers that the C library may not have yet
	NR_epoll_pwait2 = 441, NR_landlock_create_ruleset = 444, NR_landlock_add_rule = 445,
	NR_landlock_restrict_self = 446, NR_cachestat = 451, NR_fchmodat2 = 452, NR_setxattrat = 463,
	NR_getxattrat = 464, NR_listxattrat = 465, NR_removexattrat = 466, NR_file_getattr = 468, NR_file_setattr = 469,
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
#define INTS(...) put((uint32_t[]){__VA_ARGS__}, sizeof((uint32_t[]){__VA_ARGS__}))
#define CALL(...) (memset(AREA, 0, 0x10000), next = AREA + 0x100, syscall(__VA_ARGS__))

static void opening(void)
{
	uint64_t how[] = {0x80000, 0, 0, 0};
	CALL(SYS_open, str("x/y"), -1, 6);
	CALL(SYS_open, str("x/y"), 3);
	CALL(SYS_open, str("x/y"), 0x400000, 6);
	CALL(SYS_openat, -1, str("x/y"), O_RDONLY | O_SYNC);
	CALL(SYS_openat2, -100, str("/dev/null"), WORDS(0x80000, 0, 1), 24);
	CALL(SYS_openat2, -100, str("x/y"), WORDS(O_CREAT, -1, -1), 24);
	CALL(SYS_openat2, -100, str("x/y"), WORDS(0, 5, 0x80), 24);
	CALL(SYS_openat2, -100, str("x/y"), WORDS(-1, 0, 0), 24);
	CALL(SYS_openat2, -100, str("x/y"), WORDS(0, 0, 0, 1), 32);
	CALL(SYS_openat2, -100, str("x/y"), WORDS(0, 0, 0, 0), 32);
	CALL(SYS_openat2, -100, str("x/y"), WORDS(0, 0, 0), 23);
	CALL(SYS_openat2, -100, str("x/y"), edge(how, 24), 32);
	CALL(SYS_openat2, -100, str("x/y"), edge(how, 16), 24);
	CALL(SYS_openat2, -1, NOWHERE, NOWHERE, -1);
	CALL(SYS_name_to_handle_at, -100, str("x/y"), INTS(128, 0), put("", 8), -1);
	CALL(SYS_name_to_handle_at, -100, str("x/y"), edge(how, 4), 0, 0);
	CALL(SYS_open_by_handle_at, -100, INTS(8, 0x81, 0x64636261, 0x68676665), O_RDWR);
	CALL(SYS_open_by_handle_at, -1, INTS(129, -1), 0);
	CALL(SYS_open_by_handle_at, -1, edge(how, 8), 0);
	CALL(SYS_mknod, str("x/y"), 0x12345678, 3);
	CALL(SYS_mknod, str("x/y"), 020644, 0xfff00103);
	CALL(SYS_access, str("x"), 8);
	CALL(SYS_faccessat2, -1, str("x"), 6, -1);
	CALL(NR_fchmodat2, -1, str("x"), -1, 0x1300);
	CALL(SYS_utimensat, -100, str("x"), WORDS(0, 0, 3, 0x3fffffff), 0);
	CALL(SYS_utimensat, -100, str("x"), WORDS(1, 1000000000, 3, -1), -1);
	CALL(NR_file_setattr, -100, str("x"), put((uint64_t[]){-1, 1, 3, 5}, 32), 32, 0x1000);
	CALL(NR_file_setattr, -100, str("x"), put((uint64_t[]){0x80000000, 1, 3}, 24), 24, 0);
	CALL(NR_file_getattr, -100, str("x"), WORDS(0, 0, 0), 20, 0);
	CALL(SYS_statx, -100, str("x"), 0x6000, -1, NOWHERE);
	CALL(SYS_statx, -100, str("x"), 0x900, 0x7ff, NOWHERE);
}

static void attributes(void)
{
	CALL(SYS_setxattr, str("x"), str("user.a"), put("val\0ue", 6), 6, 0);
	CALL(SYS_setxattr, str("x"), str("user.a"), str("val"), 4, 7);
	CALL(SYS_setxattr, str("x"), str("user.a"), str("0123456789012345678901234567890"), 50, 8);
	CALL(SYS_setxattr, str("x"), str("user.a"), NOWHERE, 70000, 0);
	CALL(NR_setxattrat, -100, str("x"), 0, str("user.a"), WORDS((long)str("val"), 1ULL << 32 | 4), 16);
	CALL(NR_setxattrat, -100, str("x"), 0, str("user.a"), WORDS(0, 70, 9), 24);
	CALL(NR_setxattrat, -100, str("x"), 0, str("user.a"), edge("\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0", 16), 24);
	CALL(NR_setxattrat, -100, str("x"), -1, str("user.a"), WORDS(0, 0), 15);
	CALL(NR_getxattrat, -100, str("x"), 0x1100, str("user.a"), WORDS(5, 7ULL << 32 | 100), 16);
	CALL(NR_listxattrat, -100, str("x"), 1, 0, 0);
	CALL(NR_removexattrat, -100, str("x"), 0, 0);
}

static void descriptors(void)
{
	static const int commands[] = {0, 1, 2, 3, 4, 5, 6, 8, 10, 11, 12, 13, 15, 16, 17, 18, 36, 37, 1024, 1025, 1026,
		1027, 1028, 1029, 1030, 1031, 1033, 1034, 1035, 1036, 1038, 1039, 1040, 1041};
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		CALL(SYS_fcntl, -1, commands[i], 0);
		CALL(SYS_fcntl, -1, commands[i], -1);
		CALL(SYS_fcntl, -1, commands[i], WORDS(0x10001, 5, 10, 77));
		CALL(SYS_fcntl, -1, commands[i], NOWHERE);
	}
	CALL(SYS_memfd_create, str("x"), 2);
	CALL(SYS_fcntl, 3, F_SETFD, 1);
	CALL(SYS_fcntl, 3, F_GETFD);
	CALL(SYS_fcntl, 3, F_GET_SEALS);
	CALL(SYS_fcntl, 3, F_OFD_GETLK, WORDS(1, 5, 10, 0));
	CALL(SYS_fcntl, 3, F_SETLK, WORDS(0x10000, 5, 10, 0));
	CALL(SYS_fcntl, 3, F_SETSIG, 10);
	CALL(SYS_fcntl, 3, F_GETSIG);
	CALL(SYS_flock, -1, 0xe2);
	CALL(SYS_copy_file_range, -1, WORDS(5), -1, edge("1234", 4), 10, 7);
	CALL(SYS_splice, -1, 0, -1, WORDS(-5), -1, 0x1f);
	CALL(SYS_vmsplice, -1, WORDS((long)str("abc"), 3, NOWHERE, 4), 2, 0);
	CALL(SYS_readv, -1, WORDS(0, 0), -1);
	CALL(NR_cachestat, -1, WORDS(16, 4096), NOWHERE, 1);
	CALL(NR_cachestat, 3, WORDS(0, 4096), put("", 1), 0);
	CALL(SYS_quotactl, 0x80000701, str("/dev/x"), 7, NOWHERE);
	CALL(SYS_quotactl, 0x80000800, str("/dev/x"), 7, WORDS(1, 2, 3, 4, 5, 6, 7, 8, 0x7f));
	CALL(SYS_quotactl, 0x80000203, str("/dev/x"), 4, str("quota.user"));
	CALL(SYS_quotactl, 0x580102, str("/dev/x"), 0, INTS(0x7f));
	CALL(SYS_quotactl, 0x580b00, str("/dev/x"), -1, 0);
	CALL(SYS_swapon, str("x"), 0x38005);
	CALL(SYS_swapon, str("x"), 5);
}

static void events(void)
{
	struct pollfd p[] = {{3, -1}, {-1, 1}, {99, 0x800}};
	CALL(SYS_fanotify_mark, -1, 0x1ff, -1, -1, str("x"));
	CALL(SYS_fanotify_mark, -1, 0x101, 0x8000000000000000, -100, 0);
	CALL(SYS_fanotify_init, 0x8000000c, -1);
	CALL(SYS_inotify_init1, -1);
	CALL(SYS_inotify_add_watch, -1, str("x"), -1);
	CALL(SYS_epoll_ctl, -1, 1, 3, edge("1234", 4));
	CALL(SYS_epoll_pwait, -1, NOWHERE, 4, 0, WORDS(1), 8);
	CALL(NR_epoll_pwait2, -1, NOWHERE, 4, WORDS(1, 2), WORDS(1), 8);
	CALL(SYS_poll, put(p, sizeof p), 3, 0);
	CALL(SYS_poll, edge(p, 12), 2, 0);
	CALL(SYS_ppoll, put(p, sizeof p), 1, WORDS(0, 1000000000), WORDS(0x14001), 8);
	CALL(SYS_ppoll, 0, 0, WORDS(0, 1), WORDS(1), 4);
	CALL(SYS_pselect6, 1, WORDS(1), 0, 0, WORDS(0, 1000000000), WORDS((long)WORDS(1), 8));
	CALL(NR_landlock_create_ruleset, WORDS(-1, 1, 3), 20, 0);
	CALL(NR_landlock_create_ruleset, WORDS(1, 1, 1, 1, 1, 1, 2), 56, 0);
	CALL(NR_landlock_create_ruleset, WORDS(1), 7, -1);
	CALL(NR_landlock_add_rule, -1, 1, WORDS(-1, 3), 1);
	CALL(NR_landlock_add_rule, -1, 2, WORDS(16, 80), -1);
	CALL(NR_landlock_add_rule, -1, 3, NOWHERE, 0);
	CALL(NR_landlock_restrict_self, -1, 7);
}

int main(void)
{
	if (mmap(AREA, 0x10000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != AREA)
		return 1;
	opening();
	attributes();
	descriptors();
	events();
	return 0;
}
