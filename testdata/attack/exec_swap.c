// What is executed changes between the decision and the kernel's opening it: the
// words (by a thread), or a link (by a process); a program, or the interpreter of a
// script.
#include "attack.h"

static char *path;
static const char *good, *bad;

static void *flip_words(void *unused)
{
	while (!over) {
		strcpy(path, bad);
		settled();
		strcpy(path, good);
		settled();
	}
	return unused;
}

static void flip_link(void)
{
	for (;;)
		syscall(SYS_renameat2, AT_FDCWD, "work/tool", AT_FDCWD, "work/other", 2 /* RENAME_EXCHANGE */);
}

int main(int argc, char **argv)
{
	long n = tries(argc, argv), ran = 0;
	honest();
	path = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	good = "/bin/true", bad = "secret/evil";
	must(mkdir("work", 0755));
	if (strcmp(argv[1], "words") == 0) {
		strcpy(path, good);
		start(flip_words, NULL);
	} else {
		must(symlink("/bin/true", "work/tool"));
		must(symlink("../secret/evil", "work/other"));
		strcpy(path, "work/tool");
		if (strcmp(argv[1], "interpreter") == 0) {
			put("work/script", "#!work/tool\n");
			must(chmod("work/script", 0755));
			strcpy(path, "work/script");
		}
		if (helper() == 0)
			flip_link();
	}
	for (long i = 0; i < n; i++) {
		int p[2];
		must(pipe(p));
		pid_t pid = must(vfork());
		if (pid == 0) {
			char *args[] = {"tool", NULL};
			dup2(p[1], 1);
			close(p[0]);
			close(p[1]);
			execve(path, args, args + 1);
			_exit(LOST);
		}
		close(p[1]);
		char word[4] = "";
		int got = read(p[0], word, 3);
		close(p[0]);
		ran += exited(pid) == 0;
		if (got > 0)
			won("execve %ld", i);
	}
	if (ran == 0)
		broken("not even the allowed program was run");
	lost("0 of %ld", n);
}
