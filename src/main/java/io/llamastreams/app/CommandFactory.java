package io.llamastreams.app;

import io.llamastreams.app.terminal.Console;
import java.lang.reflect.Constructor;
import picocli.CommandLine;

/** Makes commands with a constructor of one {@link Console}; everything else as picocli does. */
final class CommandFactory implements CommandLine.IFactory {
    private final Console console;
    private final CommandLine.IFactory others = CommandLine.defaultFactory();

    CommandFactory(Console console) {
        this.console = console;
    }

    @Override
    public <K> K create(Class<K> type) throws Exception {
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (constructor.getParameterCount() == 1 && constructor.getParameterTypes()[0] == Console.class) {
                constructor.setAccessible(true);
                return type.cast(constructor.newInstance(console));
            }
        }
        return others.create(type);
    }
}
