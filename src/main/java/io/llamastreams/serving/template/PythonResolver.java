package io.llamastreams.serving.template;

import com.hubspot.jinjava.el.TypeConvertingMapELResolver;
import com.hubspot.jinjava.el.ext.JinjavaBeanELResolver;
import com.hubspot.jinjava.el.ext.JinjavaListELResolver;
import com.hubspot.jinjava.lib.Importable;
import com.hubspot.jinjava.util.ForLoop;
import java.beans.FeatureDescriptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELResolver;

/**
 * What a template sees of an object: elements of lists and maps, where its loop is, and Python's methods of strings, lists and
 * maps. Everything else of any Java object is not there.
 */
final class PythonResolver extends ELResolver {
    private static final Set<String> LOOP_PROPERTIES =
            Set.of("index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0");

    private final ELResolver lists = new JinjavaListELResolver(true);
    private final ELResolver maps = new TypeConvertingMapELResolver(false);
    private final ELResolver beans = new JinjavaBeanELResolver(true);

    @Override
    public Object getValue(ELContext context, Object base, Object property) {
        if (base instanceof List<?>) {
            return lists.getValue(context, base, property);
        }
        if (base instanceof Map<?, ?>) {
            return maps.getValue(context, base, property);
        }
        if (base instanceof ForLoop && LOOP_PROPERTIES.contains(String.valueOf(property))) {
            return beans.getValue(context, base, property);
        }
        context.setPropertyResolved(true);
        return base instanceof String text ? character(text, String.valueOf(property)) : null;
    }

    /** Templates set properties of namespaces, which are maps. */
    @Override
    public void setValue(ELContext context, Object base, Object property, Object value) {
        if (base instanceof Map<?, ?>) {
            maps.setValue(context, base, property, value);
        }
    }

    @Override
    public Object invoke(ELContext context, Object base, Object method, Class<?>[] types, Object[] parameters) {
        if (base instanceof Importable) {
            return beans.invoke(context, base, method, types, parameters); // a filter or a test
        }
        context.setPropertyResolved(true);
        List<Object> arguments =
                parameters == null ? List.of() : Collections.unmodifiableList(Arrays.asList(parameters));
        String name = String.valueOf(method);
        if (base instanceof String text) {
            return PythonText.call(text, name, arguments);
        }
        if (base instanceof Map<?, ?> map) {
            return call(map, name, arguments);
        }
        if (base instanceof List<?> list) {
            return call(list, name, arguments);
        }
        throw new TemplateException("no method " + name + " can be called here");
    }

    private static Object call(Map<?, ?> map, String method, List<Object> arguments) {
        return switch (method) {
            case "items" ->
                map.entrySet().stream()
                        .map(entry -> Arrays.<Object>asList(entry.getKey(), entry.getValue()))
                        .toList();
            case "keys" -> new ArrayList<Object>(map.keySet());
            case "values" -> new ArrayList<Object>(map.values());
            case "get" -> {
                Object value = arguments.isEmpty() ? null : map.get(arguments.getFirst());
                yield value == null && arguments.size() > 1 ? arguments.get(1) : value;
            }
            default -> throw new TemplateException("maps have no method " + method);
        };
    }

    @SuppressWarnings("unchecked") // lists of templates hold anything
    private static Object call(List<?> list, String method, List<Object> arguments) {
        if (method.equals("append") && arguments.size() == 1) {
            ((List<Object>) list).add(arguments.getFirst());
            return "";
        }
        throw new TemplateException("lists have no method " + method);
    }

    /** One character by its number, counted from the end where below 0. */
    private static Object character(String text, String property) {
        if (!property.matches("-?[0-9]{1,9}")) {
            return null;
        }
        int index = Integer.parseInt(property);
        int place = index < 0 ? index + text.length() : index;
        return place >= 0 && place < text.length() ? text.substring(place, place + 1) : null;
    }

    @Override
    public Class<?> getType(ELContext context, Object base, Object property) {
        return Object.class;
    }

    @Override
    public boolean isReadOnly(ELContext context, Object base, Object property) {
        return !(base instanceof Map<?, ?>);
    }

    @Override
    public Iterator<FeatureDescriptor> getFeatureDescriptors(ELContext context, Object base) {
        return Collections.emptyIterator();
    }

    @Override
    public Class<?> getCommonPropertyType(ELContext context, Object base) {
        return Object.class;
    }
}
