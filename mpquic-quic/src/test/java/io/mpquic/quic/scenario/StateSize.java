package io.mpquic.quic.scenario;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Counts the elements of all collections, maps and object arrays that belong to an object of this stack, by the field
 * that holds them: a collection that somebody adds later is counted too.
 */
public final class StateSize {
    private static final String OURS = "io.mpquic.quic.";
    private static final Map<Class<?>, List<Field>> FIELDS = new HashMap<>();

    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final ArrayDeque<Object> open = new ArrayDeque<>();
    private final Map<String, Integer> sizes = new HashMap<>();

    private StateSize() {}

    /** The size of the largest collection of each field. */
    public static Map<String, Integer> of(Object root) {
        StateSize walk = new StateSize();
        walk.open.add(root);
        while (!walk.open.isEmpty()) {
            walk.visit(walk.open.remove());
        }
        return walk.sizes;
    }

    private void visit(Object object) {
        if (!seen.add(object) || !isOurs(object)) {
            return;
        }
        for (Field field : fieldsOf(object.getClass())) {
            try {
                follow(object.getClass().getSimpleName() + "." + field.getName(), field.get(object));
            } catch (IllegalAccessException e) {
                throw new AssertionError(e);
            }
        }
    }

    private void follow(String name, Object value) {
        if (value == null) {
            return;
        }
        if (value instanceof Collection<?> collection) {
            sizes.merge(name, collection.size(), Math::max);
            collection.forEach(this::enter);
        } else if (value instanceof Map<?, ?> map) {
            sizes.merge(name, map.size(), Math::max);
            map.values().forEach(this::enter);
        } else if (value instanceof Object[] array) {
            sizes.merge(name, array.length, Math::max);
            for (Object element : array) {
                enter(element);
            }
        } else if (value.getClass().isArray()) {
            sizes.merge(name + "[]", Array.getLength(value), Math::max);
        } else {
            enter(value);
        }
    }

    private void enter(Object value) {
        if (value != null && isOurs(value)) {
            open.add(value);
        }
    }

    /** Classes of the stack itself: not those of the tests that watch it, nor of the libraries below. */
    private static boolean isOurs(Object value) {
        String name = value.getClass().getName();
        return name.startsWith(OURS)
                && !name.startsWith(OURS + "scenario")
                && !value.getClass().isHidden();
    }

    private static List<Field> fieldsOf(Class<?> type) {
        return FIELDS.computeIfAbsent(type, StateSize::readFields);
    }

    private static List<Field> readFields(Class<?> type) {
        List<Field> fields = new ArrayList<>();
        for (Class<?> each = type; each != null && each.getName().startsWith(OURS); each = each.getSuperclass()) {
            for (Field field : each.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
                    field.setAccessible(true);
                    fields.add(field);
                }
            }
        }
        return fields;
    }
}
