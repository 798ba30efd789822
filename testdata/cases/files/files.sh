# Reads its input, writes below out, and leaves nothing else behind.
set -e
mkdir out
sort in.txt > out/sorted
tmp=$(mktemp)
tr a-z A-Z < out/sorted > "$tmp"
mv "$tmp" out/upper
ln -s upper out/link
chmod 600 out/upper
rm out/sorted
cat out/link
