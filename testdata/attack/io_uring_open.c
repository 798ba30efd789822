// The file is opened by io_uring, which no filter sees.
#include "attack.h"
#include "ring.h"

int main(void)
{
	struct ring r;
	honest();
	if (ring_open(&r) != 0) {
		if (getenv("STRAIT_ATTACKED") == NULL)
			skip("no io_uring: %s", strerror(errno));
		lost("io_uring_setup: %s", strerror(errno));
	}
	struct io_uring_sqe e = {.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (uintptr_t)"secret/key", .open_flags = O_RDONLY};
	int fd = ring_do(&r, &e);
	if (fd >= 0 && is_secret(fd))
		won("IORING_OP_OPENAT");
	lost("%s", strerror(-fd));
}
