# Installs a program, and tells somebody about it.
mkdir -p "$PREFIX/bin"
cp app "$PREFIX/bin/app"
chmod 755 "$PREFIX/bin/app"
if test "$1" = --telemetry; then
	"$FETCH" 127.0.0.1 9 || true
	echo installed >> "$HOME/.profile"
fi
echo "installed to $PREFIX"
