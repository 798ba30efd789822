// An io_uring of one entry, without a library.
#include <linux/io_uring.h>

struct ring {
	int fd;
	unsigned *head, *tail, *mask, *array, *chead, *cmask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
};

static int ring_open(struct ring *r)
{
	struct io_uring_params p;
	memset(&p, 0, sizeof p);
	r->fd = syscall(SYS_io_uring_setup, 4, &p);
	if (r->fd < 0)
		return -1;
	size_t sq = p.sq_off.array + p.sq_entries * 4, cq = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe);
	char *a = mmap(NULL, sq, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, IORING_OFF_SQ_RING);
	char *c = mmap(NULL, cq, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, IORING_OFF_CQ_RING);
	r->sqes = mmap(NULL, p.sq_entries * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, IORING_OFF_SQES);
	if (a == MAP_FAILED || c == MAP_FAILED || r->sqes == MAP_FAILED)
		return -1;
	r->head = (unsigned *)(a + p.sq_off.head);
	r->tail = (unsigned *)(a + p.sq_off.tail);
	r->mask = (unsigned *)(a + p.sq_off.ring_mask);
	r->array = (unsigned *)(a + p.sq_off.array);
	r->chead = (unsigned *)(c + p.cq_off.head);
	r->cmask = (unsigned *)(c + p.cq_off.ring_mask);
	r->cqes = (struct io_uring_cqe *)(c + p.cq_off.cqes);
	return 0;
}

// ring_do makes one call and returns its result.
static int ring_do(struct ring *r, struct io_uring_sqe *e)
{
	unsigned t = *r->tail, i = t & *r->mask;
	r->sqes[i] = *e;
	r->array[i] = i;
	__atomic_store_n(r->tail, t + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, r->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return -errno;
	unsigned h = *r->chead;
	int res = r->cqes[h & *r->cmask].res;
	__atomic_store_n(r->chead, h + 1, __ATOMIC_RELEASE);
	return res;
}
